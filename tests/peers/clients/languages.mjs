// The languages that clients are written in: what runs their scripts, and what compiles them.
const jars = '/usr/share/java/okhttp.jar:/usr/share/java/okio.jar';

export const languages = {
  node: { debian: [], run: [process.execPath, 'node/write.mjs'] },
  node_24: { debian: [], run: ['node_modules/node-24/bin/node', 'node/write.mjs'] },
  python: { debian: ['python3'], run: ['python3', 'python/write.py'] },
  go: {
    debian: ['golang-go'],
    build: ['env', 'GO111MODULE=off', 'go', 'build', '-o', 'go/write', 'go/write.go'],
    run: ['go/write'],
  },
  ruby: { debian: ['ruby'], run: ['ruby', 'ruby/write.rb'] },
  php: { debian: ['php-cli'], run: ['php', 'php/write.php'] },
  java: {
    debian: ['openjdk-17-jdk-headless', 'libokhttp-java'],
    build: ['javac', '-cp', jars, '-d', 'java', 'java/Write.java'],
    run: ['java', '-cp', `java:${jars}`, 'Write'],
  },
};
