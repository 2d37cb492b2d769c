//! A subscription becomes an actor's stream of questions.
