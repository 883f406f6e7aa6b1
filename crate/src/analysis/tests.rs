mod adapter;
mod delta;
mod fp8;
mod function_preserving;
mod listed;
mod mixed;
mod partial;
mod streamed;
