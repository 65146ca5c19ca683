// Downloads the client, and replaces what the server sent with the page of the client.
const start = async (script, wasm) => {
  // `report.js` has reported this.
  if (!window.WebAssembly) return;
  let missing = 'files';
  try {
    const [client, file] = await Promise.all([import(script), fetch(wasm)]);
    if (!file.ok) throw new Error(`${file.status} for ${wasm}`);
    await client.default({ module_or_path: file });
    missing = 'start';
    const page = document.createElement('div');
    page.id = 'app';
    client.mount(page);
    const sent = document.getElementById('app'), focused = document.activeElement;
    if (sent) sent.replaceWith(page);
    else document.body.append(page);
    // The focused element was replaced, so its counterpart in the new page gets the focus.
    const same = (element) => ['id', 'className', 'href', 'name', 'value'].every((name) => element[name] === focused[name]);
    if (focused && !focused.isConnected) [...page.querySelectorAll(focused.localName)].find(same)?.focus({ preventScroll: true });
    portcullis.started();
  } catch (error) {
    console.error(error);
    const { CompileError, LinkError } = WebAssembly;
    portcullis.failed(error instanceof CompileError || error instanceof LinkError ? 'wasm' : missing);
  }
};
