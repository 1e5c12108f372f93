/** Chooses the certificate for a TLS client: by the name that it asks for, from files and from the store. */
@NullMarked
package io.hipache.certificates;

import org.jspecify.annotations.NullMarked;
