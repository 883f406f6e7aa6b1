mod mixed;
mod partial;
mod streamed;
