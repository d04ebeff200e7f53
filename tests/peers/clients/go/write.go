// One write by Go's net/http, with its defaults and a timeout of 1 s.
//
//	write CLIENT URL [WARM]
//
// WARM is asked for first, over the connection that the write then uses.
package main

import (
	"io"
	"net/http"
	"os"
	"strings"
	"time"
)

func main() {
	client := &http.Client{Timeout: time.Second}
	if len(os.Args) > 3 {
		if answer, err := client.Get(os.Args[3]); err == nil {
			io.Copy(io.Discard, answer.Body)
			answer.Body.Close()
		}
	}
	request, _ := http.NewRequest("POST", os.Args[2], strings.NewReader(`{"amount": 30}`))
	request.Header.Set("Idempotency-Key", "one")
	client.Do(request)
}
