// path returns a path of this site as the browser needs it: a proxy may put the site
// below a prefix.
export const path = (local) => document.documentElement.dataset.root.slice(0, -1) + local;
