mod adapter;
mod cast;
mod common;
mod delta;
<<<<<<< HEAD
=======
mod estimate;
>>>>>>> s
mod extreme;
mod fp8;
mod function_preserving;
mod listed;
mod mixed;
mod names;
mod partial;
mod streamed;
mod without_spectra;
