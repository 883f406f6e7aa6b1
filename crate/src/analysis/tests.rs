mod delta;
mod fp8;
mod listed;
mod adapter;
mod function_preserving;
mod mixed;
mod partial;
mod streamed;
