mod partial;
mod streamed;
