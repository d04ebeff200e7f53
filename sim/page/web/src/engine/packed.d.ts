// The engine, gzipped, as base64: see vite.config.ts.
declare module 'engine.wasm?packed' {
  const packed: string;
  export default packed;
}
