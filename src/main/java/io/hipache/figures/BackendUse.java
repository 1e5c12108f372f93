package io.hipache.figures;

/**
 * What a worker has under way on a backend, whatever host it is for.
 *
 * @param backend scheme, host and port, as {@link io.hipache.routing.Backend} writes it
 * @param requests those that wait for a free socket included
 * @param tunnels those that are asked for included
 */
public record BackendUse(String backend, long requests, long tunnels) {

    void write(FigureWriter out) {
        out.text(backend, FigureText.BACKEND);
        out.number(requests);
        out.number(tunnels);
    }

    static BackendUse read(FigureReader in) throws MalformedFiguresException {
        return new BackendUse(in.text(FigureText.BACKEND), in.number(), in.number());
    }
}
