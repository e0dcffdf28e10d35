// What jsdom lacks and the page uses: modal dialogs, media queries, scrolling. No behaviour of ours lives here.
if (typeof window !== 'undefined') {
  HTMLDialogElement.prototype.showModal = function () {
    this.open = true;
  };
  HTMLDialogElement.prototype.close = function () {
    this.open = false;
  };
  Element.prototype.scrollIntoView ??= () => {};
  window.matchMedia ??= (media: string) =>
    ({ media, matches: false, addEventListener() {}, removeEventListener() {} }) as unknown as MediaQueryList;
  document.hasFocus = () => true;
}

export {};
