package fleet

import (
	"bufio"
	"context"
	"fmt"
	"net/http"
	"strconv"
	"strings"
)

// Metric adds up the samples of a metric that have all labels, such as `result="miss"`.
func (s *Server) Metric(ctx context.Context, name string, labels ...string) (sum float64, err error) {
	r, err := http.NewRequestWithContext(ctx, http.MethodGet, s.AdminURL()+"/metrics", nil)
	if err != nil {
		return 0, err
	}
	client := http.Client{Transport: &http.Transport{DisableKeepAlives: true}}
	answer, err := client.Do(r)
	if err != nil {
		return 0, fmt.Errorf("read the metrics of %s: %w", s.Name, err)
	}
	defer answer.Body.Close()
	lines := bufio.NewScanner(answer.Body)
	lines.Buffer(nil, 1<<20)
next:
	for lines.Scan() {
		rest, ok := strings.CutPrefix(lines.Text(), name)
		if !ok || rest == "" || rest[0] != '{' && rest[0] != ' ' {
			continue
		}
		for _, l := range labels {
			if !strings.Contains(rest, l) {
				continue next
			}
		}
		v, err := strconv.ParseFloat(rest[strings.LastIndexByte(rest, ' ')+1:], 64)
		if err != nil {
			return 0, fmt.Errorf("read the metrics of %s: %w", s.Name, err)
		}
		sum += v
	}
	return sum, lines.Err()
}

// Sum is Metric over all servers of the fleet.
func (f *Fleet) Sum(ctx context.Context, name string, labels ...string) (sum float64, err error) {
	for _, s := range f.Servers {
		n, err := s.Metric(ctx, name, labels...)
		if err != nil {
			return 0, err
		}
		sum += n
	}
	return sum, nil
}
