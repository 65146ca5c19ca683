// Lets a page translator work beside the client. A translator replaces each text with a <font>. The client still holds the
// text, and its changes would not be visible. Therefore, a text is put back before the client changes it, and the
// translator translates it again.
const fonts = new WeakMap(), used = new WeakSet();
const observer = new MutationObserver((records) => learn(records));
function learn(records) {
  for (const { removedNodes, addedNodes, previousSibling, nextSibling } of records) {
    const text = removedNodes[0];
    if (text?.nodeType !== Node.TEXT_NODE) continue;
    const font = [addedNodes[0], previousSibling, nextSibling].find((node) => node?.localName === 'font' && !used.has(node));
    if (font) used.add(font), fonts.set(text, font);
  }
}
function fontOf(node) {
  if (node?.nodeType !== Node.TEXT_NODE) return;
  learn(observer.takeRecords());
  // The translator itself has restored it.
  if (node.isConnected) fonts.delete(node);
  return fonts.get(node);
}
function bringBack(node) {
  const font = fontOf(node);
  if (font) fonts.delete(node), font.replaceWith(node);
}
const { nodeValue, parentNode } = Object.getOwnPropertyDescriptors(Node.prototype);
const { insertBefore } = Node.prototype, { remove } = CharacterData.prototype;
Object.defineProperty(Node.prototype, 'nodeValue', {
  ...nodeValue,
  set(value) { bringBack(this), nodeValue.set.call(this, value); },
});
Object.defineProperty(Node.prototype, 'parentNode', {
  ...parentNode,
  get() { return parentNode.get.call(fontOf(this) ?? this); },
});
Node.prototype.insertBefore = function (node, before) {
  bringBack(node), bringBack(before);
  return insertBefore.call(this, node, before);
};
CharacterData.prototype.remove = function () { bringBack(this), remove.call(this); };
observer.observe(document, { childList: true, subtree: true });
