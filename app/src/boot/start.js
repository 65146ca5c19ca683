// Downloads the client and puts the page that it makes in the place of what the server sent.
const start = async (script, wasm) => {
  // The report has said so.
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
    // The element that had the focus is gone with the rest: the same one has it again.
    const same = (element) => ['id', 'className', 'href', 'name', 'value'].every((name) => element[name] === focused[name]);
    if (focused && !focused.isConnected) [...page.querySelectorAll(focused.localName)].find(same)?.focus({ preventScroll: true });
    portcullis.started();
  } catch (error) {
    console.error(error);
    const { CompileError, LinkError } = WebAssembly;
    portcullis.failed(error instanceof CompileError || error instanceof LinkError ? 'wasm' : missing);
  }
};
