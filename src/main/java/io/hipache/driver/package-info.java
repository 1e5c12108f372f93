/** Stores that answer {@link io.hipache.routing.Driver} and {@link io.hipache.certificates.CertificateStore}. */
@NullMarked
package io.hipache.driver;

import org.jspecify.annotations.NullMarked;
