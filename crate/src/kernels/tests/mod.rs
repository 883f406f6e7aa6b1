mod cpu;
mod gpu;
