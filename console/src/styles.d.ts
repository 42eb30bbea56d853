// Styles are bundled by esbuild; importing them gives nothing.
declare module '*.css';
