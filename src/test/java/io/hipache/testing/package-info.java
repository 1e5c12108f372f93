/** Fixtures that every test may use: backends and clients on real sockets, under the control of the test. */
@NullMarked
package io.hipache.testing;

import org.jspecify.annotations.NullMarked;
