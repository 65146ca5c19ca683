// Reports a page that does not start. It is a classic script in old syntax, inline in the page: it must run in browsers
// without modules, and if no file of ours can be downloaded.
(function () {
  var TEXTS = {
    slow: 'Still loading…',
    stuck: 'This page is taking very long to load. Check your connection, then reload.',
    modules: 'This page needs JavaScript modules, and this browser does not support them. Use a newer browser.',
    wasm: 'This page needs WebAssembly, and this browser does not run it. Allow it, or use another browser.',
    files: 'Some files of this page could not be downloaded. Check your connection, then reload.',
    start: 'Something went wrong, and this page could not start. Reload to try again.',
    stopped: 'Something went wrong, and this page stopped working. Reload to continue.'
  };
  var bar;
  function clear() {
    if (bar && bar.parentNode) bar.parentNode.removeChild(bar);
    bar = null;
  }
  function say(what) {
    if (!document.body) return document.addEventListener('DOMContentLoaded', function () { say(what); });
    clear();
    bar = document.createElement('div');
    bar.id = 'boot';
    bar.setAttribute('role', what === 'slow' ? 'status' : 'alert');
    document.body.insertBefore(bar, document.body.firstChild);
    bar.appendChild(document.createElement('p')).textContent = TEXTS[what];
    if (what === 'slow') return;
    var reload = bar.appendChild(document.createElement('button'));
    reload.type = 'button';
    reload.className = 'button primary';
    reload.textContent = 'Reload';
    reload.addEventListener('click', function () { location.reload(); });
  }
  var timers = [setTimeout(say, 5000, 'slow'), setTimeout(say, 60000, 'stuck')];
  function stop() {
    timers.forEach(clearTimeout);
  }
  window.portcullis = {
    failed: function (what) { stop(); say(what); },
    started: function () { stop(); clear(); }
  };
  // The client can't continue after a panic in WebAssembly.
  function caught(error) {
    if (window.WebAssembly && error instanceof WebAssembly.RuntimeError) window.portcullis.failed('stopped');
    // The browser is too old for the syntax of our modules.
    if (error instanceof SyntaxError) window.portcullis.failed('modules');
  }
  addEventListener('error', function (event) { caught(event.error); });
  addEventListener('unhandledrejection', function (event) { caught(event.reason); });
  // The client needs this, and older browsers lack it.
  if (window.AbortSignal && !AbortSignal.timeout) AbortSignal.timeout = function (milliseconds) {
    var controller = new AbortController();
    setTimeout(function () { controller.abort(); }, milliseconds);
    return controller.signal;
  };
  if (!window.WebAssembly) return window.portcullis.failed('wasm');
  if (!('noModule' in document.createElement('script'))) window.portcullis.failed('modules');
})();
