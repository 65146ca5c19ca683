// The download size of the first page: everything that the browser fetches for `/`, in bytes on the wire.
import { expect, test } from './fixtures';

/** Bytes (kB are 1,000 of them), heads of the answers included. */
const MOST = 190_000;

interface Transfer {
  path: string;
  encoding: string | undefined;
  bytes: number;
}

test('the first page is small, and its files come in brotli', async ({ page }) => {
  const network = await page.context().newCDPSession(page);
  await network.send('Network.enable');
  const started = new Map<string, Transfer>();
  const transfers: Transfer[] = [];
  network.on('Network.responseReceived', ({ requestId, response }) => {
    const encoding = response.headers['content-encoding'];
    const path = new URL(response.url).pathname.replace(/^\/release-[0-9a-f]+/, '');
    started.set(requestId, { path, encoding, bytes: 0 });
  });
  network.on('Network.loadingFinished', ({ requestId, encodedDataLength }) => {
    transfers.push({ ...started.get(requestId)!, bytes: encodedDataLength });
  });

  await page.goto('/', { waitUntil: 'networkidle' });
  await expect(page.locator('.account button')).toBeVisible();

  const total = transfers.reduce((sum, { bytes }) => sum + bytes, 0);
  console.table([...transfers, { path: 'together', bytes: total }]);
  const paths = transfers.map(({ path }) => path);
  for (const needed of ['/', '/pkg/portcullis.css', '/pkg/portcullis.js', '/pkg/portcullis.wasm']) {
    expect(paths).toContain(needed);
  }
  expect(transfers.filter(({ path, encoding }) => path !== '/' && encoding !== 'br')).toEqual([]);
  expect(total).toBeLessThanOrEqual(MOST);
});
