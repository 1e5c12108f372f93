/** The admin listener: adds up what workers report, and shows it as metrics and as JSON. */
@NullMarked
package io.hipache.supervisor.admin;

import org.jspecify.annotations.NullMarked;
