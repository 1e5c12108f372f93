/** What every part of the supervisor needs: the thread on which it decides, and the error that ends a start. */
@NullMarked
package io.hipache.supervisor.common;

import org.jspecify.annotations.NullMarked;
