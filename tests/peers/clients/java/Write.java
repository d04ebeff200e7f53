import java.io.IOException;
import java.net.HttpURLConnection;
import java.net.URI;
import java.net.URL;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.concurrent.TimeUnit;

import okhttp3.MediaType;
import okhttp3.OkHttpClient;
import okhttp3.Request;
import okhttp3.RequestBody;

/**
 * One write by a library of Java, with its defaults and a timeout of 1 s: java Write CLIENT URL [WARM].
 *
 * <p>WARM is asked for first, over the connection that the write then uses.
 */
class Write {
  private static final String BODY = "{\"amount\": 30}";

  public static void main(String[] words) throws Exception {
    String url = words[1];
    String warm = words.length > 2 ? words[2] : null;
    switch (words[0]) {
      case "java-httpurlconnection" -> httpUrlConnection(url);
      case "java-http-client" -> httpClient(url, warm);
      case "okhttp" -> okHttp(url, warm);
      default -> throw new IllegalArgumentException(words[0]);
    }
    System.exit(0);
  }

  private static void httpUrlConnection(String url) throws IOException {
    HttpURLConnection connection = (HttpURLConnection) new URL(url).openConnection();
    connection.setRequestMethod("POST");
    connection.setReadTimeout(1000);
    connection.setDoOutput(true);
    connection.getOutputStream().write(BODY.getBytes(StandardCharsets.UTF_8));
    connection.getResponseCode();
  }

  private static void httpClient(String url, String warm) throws Exception {
    java.net.http.HttpClient client = java.net.http.HttpClient.newHttpClient();
    if (warm != null) {
      client.send(HttpRequest.newBuilder(URI.create(warm)).build(), HttpResponse.BodyHandlers.ofString());
    }
    HttpRequest post =
        HttpRequest.newBuilder(URI.create(url))
            .timeout(Duration.ofSeconds(1))
            .POST(HttpRequest.BodyPublishers.ofString(BODY))
            .build();
    client.send(post, HttpResponse.BodyHandlers.ofString());
  }

  private static void okHttp(String url, String warm) throws IOException {
    OkHttpClient client = new OkHttpClient.Builder().readTimeout(1, TimeUnit.SECONDS).build();
    if (warm != null) {
      client.newCall(new Request.Builder().url(warm).build()).execute().body().string();
    }
    RequestBody body = RequestBody.create(MediaType.parse("application/json"), BODY);
    client.newCall(new Request.Builder().url(url).post(body).build()).execute().close();
  }
}
