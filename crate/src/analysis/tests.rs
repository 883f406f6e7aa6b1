mod delta;
mod fp8;
mod mixed;
mod partial;
mod streamed;
