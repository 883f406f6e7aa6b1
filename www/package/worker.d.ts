// The worker's code, which `analyze` loads by its address: it exports nothing.
export {};
