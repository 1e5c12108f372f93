/** Fixtures that every test may use: backends and clients on real sockets, under the test's control. */
@NullMarked
package io.hipache.testing;

import org.jspecify.annotations.NullMarked;
