/** What a worker remembers of the store: fresh while Redis tells each change, and good enough while Redis is away. */
@NullMarked
package io.hipache.driver.copy;

import org.jspecify.annotations.NullMarked;
