package io.hipache.worker;

import io.hipache.link.WorkerMessage;

/** Takes to the supervisor what a worker has learned of its store. Any thread may call it. */
interface LearnedSink {

    /** For a worker whose supervisor does not want to know. */
    LearnedSink NOBODY = new LearnedSink() {
        @Override
        public boolean hasRoom() {
            return false;
        }

        @Override
        public void send(WorkerMessage.Known learned) {}
    };

    /** Whether a message would leave soon. */
    boolean hasRoom();

    void send(WorkerMessage.Known learned);
}
