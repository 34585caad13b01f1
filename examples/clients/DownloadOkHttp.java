import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import okhttp3.OkHttpClient;
import okhttp3.Request;
import okhttp3.Response;

class DownloadOkHttp {
    public static void main(String[] args) throws IOException {
        Request request = new Request.Builder().url(System.getenv("URL")).build();
        try (Response answer = new OkHttpClient().newCall(request).execute()) {
            if (!answer.isSuccessful()) {
                throw new IOException("OSS returned " + answer.code());
            }
            Files.copy(answer.body().byteStream(), Path.of(System.getenv("FILE")));
        }
    }
}
