package io.hipache.proxy.exchange;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

final class ErrorPagesTest {
    private final Path folder;

    ErrorPagesTest(@TempDir Path folder) {
        this.folder = folder;
    }

    @ParameterizedTest
    @CsvSource({"502, its own", "400, the default", "431, the default"})
    void takesThePageOfTheStatusElseTheDefault(int status, String text) throws IOException {
        write("error_502.html", "its own");
        write("error_default.html", "the default");

        ErrorPages.Page page = ErrorPages.load(folder).page(status, "message");

        assertThat(page.bytes()).asString(UTF_8).isEqualTo(text);
        assertThat(page.contentType()).isEqualTo("text/html");
    }

    @Test
    void noticesThatItsFilesHaveChangedOnceTheyAreWritten() throws IOException {
        write("error_502.html", "before");
        ErrorPages pages = ErrorPages.load(folder);
        assertThat(pages.hasChanged()).isFalse();

        write("error_502.html", "behind it");
        await().until(pages::hasChanged);
        assertThat(ErrorPages.load(folder).hasChanged()).isFalse();

        Files.delete(folder.resolve("error_502.html"));
        assertThat(pages.hasChanged()).isTrue();
    }

    @Test
    void aLinkToNowhereCostsNoOtherPage() throws IOException {
        write("error_502.html", "its own");
        Files.createSymbolicLink(folder.resolve("error_503.html"), folder.resolve("gone"));
        List<String> problems = new ArrayList<>();

        ErrorPages pages = ErrorPages.load(folder, problems::add);

        assertThat(pages.page(502, "message").bytes()).asString(UTF_8).isEqualTo("its own");
        assertThat(problems)
                .containsExactly(
                        "error page " + folder.resolve("error_503.html") + " cannot be used: it is not a file");
        assertThat(pages.hasChanged()).isFalse();
    }

    @Test
    void showsTheMessageWhereThereIsNoPage() throws IOException {
        write("error_502.html", "its own");

        ErrorPages.Page page = ErrorPages.load(folder).page(400, "frontend not found");

        assertThat(page.bytes()).asString(UTF_8).isEqualTo("frontend not found");
        assertThat(page.contentType()).isEqualTo("text/plain");
    }

    @ParameterizedTest
    @CsvSource({"503, 1", "502,", "504,", "400,"})
    void saysWhenToAskAgainWhereItMayHelp(int status, @Nullable String seconds) throws IOException {
        write("error_default.html", "the default");
        Map<String, String> fields = new HashMap<>();

        ErrorPages.load(folder).page(status, "message").forEachField(fields::put);

        assertThat(fields.get("retry-after")).isEqualTo(seconds);
    }

    @Test
    void showsTheMessageWhenThereIsNoFolder() {
        ErrorPages pages = ErrorPages.load(folder.resolve("absent"));

        assertThat(pages.page(502, "no backend").bytes()).asString(UTF_8).isEqualTo("no backend");
    }

    @Test
    void doesNotReadThePageAgain() throws IOException {
        write("error_502.html", "as it was");
        ErrorPages pages = ErrorPages.load(folder);

        write("error_502.html", "as it is now");

        assertThat(pages.page(502, "").bytes()).asString(UTF_8).isEqualTo("as it was");
        assertThat(pages.page(502, "").bytes()).isSameAs(pages.page(502, "").bytes());
    }

    @Test
    void leavesOutAPageThatIsTooLarge() throws IOException {
        Files.write(folder.resolve("error_502.html"), new byte[(1 << 20) + 1]);
        Files.write(folder.resolve("error_504.html"), new byte[1 << 20]);
        write("error_default.html", "the default");

        ErrorPages pages = ErrorPages.load(folder);

        assertThat(pages.page(502, "").bytes()).asString(UTF_8).isEqualTo("the default");
        assertThat(pages.page(504, "").bytes()).hasSize(1 << 20);
    }

    @Test
    void leavesOutWhatIsNoPage() throws IOException {
        Files.createDirectory(folder.resolve("error_502.html"));
        write("error_5xx.html", "no status");
        write("error_404.html.bak", "no page");

        ErrorPages pages = ErrorPages.load(folder);

        assertThat(pages.page(502, "no backend").bytes()).asString(UTF_8).isEqualTo("no backend");
        assertThat(pages.page(404, "nothing").bytes()).asString(UTF_8).isEqualTo("nothing");
    }

    @ParameterizedTest
    @ValueSource(ints = {400, 502, 503, 504, 431})
    void thePagesThatComeWithTheProgramStandAlone(int status) {
        ErrorPages.Page page = ErrorPages.load(Path.of("static-errors")).page(status, "message");

        assertThat(page.contentType()).isEqualTo("text/html");
        assertThat(page.bytes().length).isLessThan(4096);
        assertThat(page.bytes())
                .asString(UTF_8)
                .contains("<html lang=\"en\">", "<meta charset=\"utf-8\">", "name=\"viewport\"", "<title>", "<main>")
                .contains("prefers-color-scheme: dark")
                .doesNotContain("src=", "href=", "url(", "//", "<script");
    }

    @ParameterizedTest
    @ValueSource(ints = {400, 502, 503, 504})
    void eachPageThatComesWithTheProgramTellsItsStatus(int status) {
        ErrorPages.Page page = ErrorPages.load(Path.of("static-errors")).page(status, "message");

        assertThat(page.bytes()).asString(UTF_8).contains("Error " + status);
    }

    private void write(String name, String text) throws IOException {
        Files.writeString(folder.resolve(name), text);
    }
}
