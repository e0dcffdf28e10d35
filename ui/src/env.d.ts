// What Vite gives besides modules: raw text imports and the build's mode.
/// <reference types="svelte" />
/// <reference types="vite/client" />
