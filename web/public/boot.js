// Before the first paint: the colours and the language that were chosen, so that nothing flashes.
(() => {
  const root = document.documentElement;
  let scheme = null;
  let language = null;
  try {
    scheme = localStorage.getItem('bastion-color-scheme');
    language = localStorage.getItem('bastion-language');
  } catch {
    // a browser that keeps nothing: the system's colours, the browser's language
  }
  const dark = scheme === 'dark' || (scheme !== 'light' && matchMedia('(prefers-color-scheme: dark)').matches);
  root.setAttribute('data-mantine-color-scheme', dark ? 'dark' : 'light');
  root.lang = language ?? (navigator.language.toLowerCase().startsWith('zh') ? 'zh-CN' : 'en');
})();
