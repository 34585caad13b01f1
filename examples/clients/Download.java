import java.io.InputStream;
import java.net.HttpURLConnection;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;

class Download {
    public static void main(String[] args) throws Exception {
        var connection = (HttpURLConnection) URI.create(System.getenv("URL")).toURL().openConnection();
        try (InputStream body = connection.getInputStream()) { // throws where the service does not answer 200
            Files.copy(body, Path.of(System.getenv("FILE")));
        }
    }
}
