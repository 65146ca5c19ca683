// The picture on the home page: the way of a token, side by side where there is room, else one below the other.
import { expect, hydrated, test } from './fixtures';

const NAME = 'The way of a token';

for (const [width, drawn] of [
  [1920, 'wide'],
  [360, 'tall'],
] as const) {
  test(`at ${width} pixels there is one picture with a text alternative`, async ({ page }) => {
    await page.setViewportSize({ width, height: 800 });
    await page.goto('/');
    await hydrated(page);
    const picture = page.getByRole('img', { name: NAME });
    await expect(picture).toHaveCount(1);
    await expect(picture).toBeVisible();
    await expect(picture).toHaveClass(`way ${drawn}`);
    await expect(page.locator('.way').filter({ visible: true })).toHaveCount(1);
    for (const word of [/\bgate\b/, /\bpermit\b/, /\b401\b/, /\b403\b/]) await expect(picture).toHaveAccessibleDescription(word);
    const box = (await picture.boundingBox())!;
    expect(box.x).toBeGreaterThanOrEqual(0);
    expect(box.x + box.width).toBeLessThanOrEqual(width);
  });
}

test('the picture is part of the page and fetches nothing', async ({ request }) => {
  const html = await (await request.get('/')).text();
  const pictures = html.match(/<svg class="way\b[\s\S]*?<\/svg>/g) ?? [];
  expect(pictures).toHaveLength(2);
  for (const picture of pictures) {
    expect(picture).toContain(NAME);
    expect(picture).not.toMatch(/href|src=|url\(|<(image|use|script|style|foreignObject)\b/i);
  }
  // Those for one width say no more and no less than those for the other.
  const words = pictures.map((picture) => /<desc\b[^>]*>([^<]*)<\/desc>/.exec(picture)?.[1]);
  expect(words[0]).toBeTruthy();
  expect(words[1]).toBe(words[0]);
});
