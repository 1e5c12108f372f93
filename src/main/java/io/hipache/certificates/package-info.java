/** Which certificate a TLS client is shown: by the name it asks for, from files and from the store. */
@NullMarked
package io.hipache.certificates;

import org.jspecify.annotations.NullMarked;
