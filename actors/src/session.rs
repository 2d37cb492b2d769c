//! The actor beside each socket.
