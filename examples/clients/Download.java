import java.io.IOException;
import java.io.InputStream;
import java.net.HttpURLConnection;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;

class Download {
    public static void main(String[] args) throws Exception {
        var url = URI.create(System.getenv("URL")).toURL();
        var connection = (HttpURLConnection) url.openConnection();
        // An IOException if OSS refuses the request.
        try (InputStream body = connection.getInputStream()) {
            long saved = Files.copy(body, Path.of(System.getenv("FILE")));
            if (saved != connection.getContentLengthLong()) {
                throw new IOException("the download was cut off");
            }
        }
    }
}
