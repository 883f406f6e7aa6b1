mod fp8;
mod adapter;
mod mixed;
mod partial;
mod streamed;
