package io.hipache.certificates;

/**
 * A certificate that a file holds.
 *
 * @param label what it is called in the log, of its own for each
 */
public record FileCertificate(String label, PemPair pem) {}
