//! anzheng-synth
