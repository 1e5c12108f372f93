/** What the admin listener shows and changes of the frontends in the store. */
@NullMarked
package io.hipache.supervisor.admin.frontends;

import org.jspecify.annotations.NullMarked;
