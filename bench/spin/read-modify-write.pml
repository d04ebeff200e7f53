/* N clients (-DN=8; seven by default) read n, then write what they read plus one: every order, as bench/against_spin.sh has
   Spin follow them.
   With -DRESET a client forgets what it read once that is used: what a careful modeller adds to help Spin's state matching. */
#ifndef N
#define N 7
#endif
byte n, finished;

active [N] proctype Client() {
  byte seen;
  seen = n;
  d_step {
    n = seen + 1;
    finished++;
#ifdef RESET
    seen = 0;
#endif
    assert(finished < N || n == N)
  }
}
