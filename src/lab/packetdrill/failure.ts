// How a packetdrill script ends when it does not pass.

/** Something came otherwise than the script says. */
export class PacketdrillFailure extends Error {}

/** The script uses something that we do not have. */
export class PacketdrillUnsupported extends Error {}
