//! As shown: views of what was made. They read and never change.

pub mod summary; // what `synth` tells a person at the end
pub mod tags; // whose cost is what
