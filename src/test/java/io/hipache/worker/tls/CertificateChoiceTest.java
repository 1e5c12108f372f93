package io.hipache.worker.tls;

import static org.assertj.core.api.Assertions.assertThat;

import io.hipache.certificates.CertificateStore;
import io.hipache.certificates.CertificateStore.ReadCallback;
import io.hipache.certificates.CertificateStore.Stored;
import io.hipache.certificates.CertificatesByName;
import io.hipache.certificates.NameIndex;
import io.hipache.testing.TestCertificate;
import io.hipache.tls.CipherList;
import io.hipache.tls.ClientTls;
import io.hipache.tls.ClientTlsSettings;
import io.hipache.tls.Credential;
import io.hipache.tls.TlsContexts;
import io.hipache.tls.TlsProvider;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelOutboundHandlerAdapter;
import io.netty.channel.embedded.EmbeddedChannel;
import io.netty.handler.ssl.SslHandler;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLEngine;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class CertificateChoiceTest {
    private final EmbeddedChannel channel = new EmbeddedChannel();
    private final List<ReadCallback> asked = new ArrayList<>();
    private int reads;

    @AfterEach
    void close() {
        channel.finishAndReleaseAll();
    }

    @Test
    void readsNoMoreOfAClientWhileItsCertificateIsLookedUp() throws Exception {
        channel.pipeline().addLast(new ReadCounter(), choice((n, callback) -> asked.add(callback)));

        channel.writeInbound(clientHello());
        assertThat(asked).hasSize(1);
        assertThat(channel.config().isAutoRead()).isFalse();
        assertThat(reads).as("reads that were asked for nevertheless").isZero();
        asked.get(0).found(new Stored.Nothing(), new Stored.Nothing());

        assertThat(channel.config().isAutoRead()).isTrue();
        assertThat(channel.pipeline().get(SslHandler.class)).isNotNull();
    }

    @Test
    void aChoiceThatTakesNoTimeStopsNothing() throws Exception {
        channel.pipeline().addLast(choice((name, callback) -> callback.unavailable("away")));

        channel.writeInbound(clientHello());

        assertThat(channel.config().isAutoRead()).isTrue();
        assertThat(channel.pipeline().get(SslHandler.class)).isNotNull();
    }

    private final class ReadCounter extends ChannelOutboundHandlerAdapter {
        @Override
        public void read(ChannelHandlerContext ctx) {
            reads++;
            ctx.read();
        }
    }

    private CertificateChoice choice(CertificateStore store) throws Exception {
        return new CertificateChoice(certificates(store)::choose, List.of("http/1.1"), () -> {});
    }

    private CertificatesByName<ClientTls> certificates(CertificateStore store) throws Exception {
        ClientTlsSettings settings =
                new ClientTlsSettings(CipherList.intermediate().suites(), true, List.of("http/1.1"));
        ClientTls otherwise = new TlsContexts(TlsProvider.JDK)
                .forClients(settings, Credential.of(TestCertificate.A.key(), TestCertificate.A.certificate()));
        return new CertificatesByName<>(
                channel.eventLoop(),
                new NameIndex<>(),
                store,
                pem -> () -> otherwise,
                (name, certificate) -> {},
                otherwise,
                Runnable::run,
                discarded -> {});
    }

    private static ByteBuf clientHello() throws Exception {
        SSLEngine client = SSLContext.getDefault().createSSLEngine("a.example", 443);
        client.setUseClientMode(true);
        ByteBuffer hello = ByteBuffer.allocate(client.getSession().getPacketBufferSize());
        client.wrap(ByteBuffer.allocate(0), hello);
        return Unpooled.wrappedBuffer(hello.flip());
    }
}
