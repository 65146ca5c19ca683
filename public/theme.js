// Shows the chosen theme before anything is painted, and again when another tab chooses. Without storage: the system's.
{
  const root = document.documentElement;
  const show = () => {
    let theme;
    try { theme = localStorage.theme; } catch {}
    if (theme === 'light' || theme === 'dark') root.dataset.theme = theme;
    else delete root.dataset.theme;
  };
  show();
  addEventListener('storage', show);
}
