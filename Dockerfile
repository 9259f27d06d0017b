# minikubelet as an image.
#
#   docker build -t minikubelet .
#   docker run -d --name minikubelet --restart=always --network host --pid host --cgroupns host \
#     --cap-add SYS_ADMIN --security-opt apparmor=unconfined \
#     -v /var/run/docker.sock:/var/run/docker.sock \
#     -v /sys/fs/cgroup:/sys/fs/cgroup \
#     -v /var/lib/minikubelet:/var/lib/minikubelet:rshared \
#     -v /etc/minikubelet:/etc/minikubelet:ro \
#     minikubelet --kubeconfig=/etc/minikubelet/kubeconfig
#
# --network host: the node's addresses are the machine's, and probes come from it.  --pid host: facts of the machine.
# --cgroupns host and /sys/fs/cgroup: each Pod gets a cgroup of its own there; without them (and where systemd manages
# cgroups, which the image has no tool to talk to) the agent says so, and limits hold for each container only.
# The root folder has the same path inside and outside, because Docker mounts the volumes below it by that path; rshared,
# so that what the agent mounts there (Secrets, tokens, claims) is seen outside. Mounting takes --cap-add SYS_ADMIN, and that no
# AppArmor profile forbids it.
# Of the machine's files the agent sees what it is given: a hostPath with a type is checked, and a local PersistentVolume is
# mounted, where the folder is there under the same path inside (-v /mnt/disks:/mnt/disks:rslave). A hostPath without a type
# needs nothing: Docker itself looks for it.
# Log collectors find the logs of containers by links that the agent makes: -v /var/log/pods:/var/log/pods and
# -v /var/log/containers:/var/log/containers show them outside.
# NFS needs a helper that is not here, as it brings Python along (38 MB): docker build --build-arg PACKAGES=nfs-common .
#
# Root or not: whoever may talk to Docker's socket is root on the machine, so a user of its own keeps nobody out; it keeps
# faults small. The image runs as root because the kubelet's job needs it on the machine's files: giving a volume to a
# group (fsGroup), mounting, making a hostPath that isn't there. Pods that ask for none of these run as well with
# an agent that isn't root, given the group of the socket and the folder:
#
#   chown 1000 /var/lib/minikubelet
#   docker run … --user 1000 --group-add "$(stat -c %g /var/run/docker.sock)" --cap-drop ALL …
#
# Images as volumes: where Docker's storage driver is overlay2 the agent mounts their layers, and has to see them:
#
#   -v /var/lib/docker/overlay2:/var/lib/docker/overlay2:ro,rslave
#
# No instruction here needs BuildKit: the builder of Docker 20.10 makes this too.

FROM node:24-bookworm-slim AS base
WORKDIR /usr/local/lib/minikubelet

FROM base AS build
LABEL minikubelet.stage=build
# Installing and building happen as the unprivileged user: no package's script gets root.
RUN chown node:node .
USER node
COPY --chown=node:node package.json package-lock.json ./
RUN npm ci --no-audit --no-fund
COPY --chown=node:node tsconfig.json tsconfig.build.json ./
COPY --chown=node:node src src
RUN npm run build
RUN npm prune --omit=dev --no-audit --no-fund

FROM base
ARG PACKAGES=
RUN [ -z "$PACKAGES" ] || { apt-get update && apt-get install --yes --no-install-recommends $PACKAGES && rm -rf /var/lib/apt/lists/*; }
# Owned by root: the agent, whoever runs it, cannot change its own code.
COPY --from=build --chown=root:root /usr/local/lib/minikubelet/node_modules node_modules
COPY --from=build --chown=root:root /usr/local/lib/minikubelet/dist dist
COPY package.json LICENSE ./
COPY deploy/minikubelet-runc deploy/minikubelet-runc
ENV NODE_ENV=production
STOPSIGNAL SIGTERM
ENTRYPOINT ["node", "dist/main.js"]
