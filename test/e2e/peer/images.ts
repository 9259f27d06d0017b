import { runWithInput } from '../../support/command.ts'
import type { SpareDocker } from '../../support/spare-docker.ts'

/** Images that bring something of their own for a container, by name. */
const dockerfiles: Readonly<Record<string, string>> = {
  'peer-directed:1': `
    FROM busybox:1.36
    USER 1234:5678
    WORKDIR /srv
    ENV FROM_IMAGE=image GREETING=image
    VOLUME /data
    EXPOSE 8080
    STOPSIGNAL SIGTERM
    ENTRYPOINT ["/bin/sh", "-c"]
    CMD ["trap 'exit 0' TERM; sleep 86400 & wait"]
    HEALTHCHECK CMD true`,
  'peer-named:1': `
    FROM busybox:1.36
    USER nobody:www-data`,
}

/** Builds them on a Docker that has busybox. */
export async function buildImages(docker: SpareDocker): Promise<void> {
  for (const [name, dockerfile] of Object.entries(dockerfiles)) {
    // The builder that every Docker has.
    const build = ['docker', '--host', docker.host, 'build', '--tag', name, '-']
    await runWithInput(dockerfile, 'env', 'DOCKER_BUILDKIT=0', ...build)
  }
}
